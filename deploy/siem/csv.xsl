<?xml version="1.0" encoding="UTF-8"?>
<!-- An audit export as CSV (RFC 4180): xsltproc csv.xsl audit.xml -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:a="urn:strongroom:audit-export:1" exclude-result-prefixes="a">
  <xsl:output method="text" encoding="UTF-8"/>
  <xsl:template match="/">
    <xsl:text>time,action,outcome,error,actor_kind,actor,target_kind,scope,name,version,event,correlation,leaf,masked&#13;&#10;</xsl:text>
    <xsl:for-each select="a:audit-export/a:events/a:event">
      <xsl:call-template name="q"><xsl:with-param name="t" select="a:EventIdentification/@time"/></xsl:call-template>,<xsl:call-template name="q"><xsl:with-param name="t" select="a:EventIdentification/@action"/></xsl:call-template>,<xsl:call-template name="q"><xsl:with-param name="t" select="a:EventIdentification/@outcome"/></xsl:call-template>,<xsl:call-template name="q"><xsl:with-param name="t" select="a:EventIdentification/@error"/></xsl:call-template>,<xsl:call-template name="q"><xsl:with-param name="t" select="a:ActiveParticipant/@kind"/></xsl:call-template>,<xsl:call-template name="q"><xsl:with-param name="t" select="a:ActiveParticipant/@label"/></xsl:call-template>,<xsl:call-template name="q"><xsl:with-param name="t" select="a:ParticipantObjectIdentification/@kind"/></xsl:call-template>,<xsl:call-template name="q"><xsl:with-param name="t" select="a:ParticipantObjectIdentification/@scope"/></xsl:call-template>,<xsl:call-template name="q"><xsl:with-param name="t" select="a:ParticipantObjectIdentification/@name"/></xsl:call-template>,<xsl:value-of select="a:ParticipantObjectIdentification/@version"/>,<xsl:value-of select="a:EventIdentification/@id"/>,<xsl:value-of select="a:EventIdentification/@correlation"/>,<xsl:value-of select="@leaf"/>,<xsl:choose><xsl:when test="*/@masked = 'yes'">yes</xsl:when><xsl:otherwise>no</xsl:otherwise></xsl:choose>
      <xsl:text>&#13;&#10;</xsl:text>
    </xsl:for-each>
  </xsl:template>
  <!-- In quotes, quotes doubled; a spreadsheet must not take it for a formula. -->
  <xsl:template name="q"><xsl:param name="t"/>
    <xsl:text>"</xsl:text>
    <xsl:if test="$t != '' and contains('=+-@&#9;&#13;', substring($t, 1, 1))">'</xsl:if>
    <xsl:call-template name="double"><xsl:with-param name="t" select="string($t)"/></xsl:call-template>
    <xsl:text>"</xsl:text>
  </xsl:template>
  <xsl:template name="double"><xsl:param name="t"/>
    <xsl:choose>
      <xsl:when test="contains($t, '&quot;')"><xsl:value-of select="substring-before($t, '&quot;')"/><xsl:text>""</xsl:text><xsl:call-template name="double"><xsl:with-param name="t" select="substring-after($t, '&quot;')"/></xsl:call-template></xsl:when>
      <xsl:otherwise><xsl:value-of select="$t"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
