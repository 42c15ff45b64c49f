<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:template match="page" mode="content">
<nav aria-label="Breadcrumb" class="breadcrumb"><a href="/settings/security#api-keys-heading">Security settings</a></nav>
<div class="column"><xsl:apply-templates select="revoke"/></div>
</xsl:template>

<xsl:template match="revoke">
<h1>Revoke the key <xsl:value-of select="api-key/@key-name"/>?</h1>
<xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">settings-security-api-key</xsl:with-param><xsl:with-param name="heading">h2</xsl:with-param></xsl:apply-templates>
<xsl:apply-templates select="api-key" mode="ask"/>
</xsl:template>

<xsl:template match="api-key[@status='revoked']" mode="ask"><p><a class="button" href="/settings/security#api-keys-heading">Back to the keys</a></p></xsl:template>
<xsl:template match="api-key" mode="ask">
<div class="panel alert">
<h2>What will happen</h2>
<p>The key that ends in <code><xsl:value-of select="@hint"/></code> stops working at once; programs that use it are refused from then on. It cannot be brought back. The list keeps it, and the audit what it did.</p>
</div>
<form id="settings-security-revoke-api-key-confirm-form" class="panel" method="post" action="/settings/security/api-keys/{@id}/revoke">
<input type="hidden" name="_csrf" value="{../@csrf}"/>
<p class="field"><label class="box" for="revoke-confirm"><input id="revoke-confirm" name="confirm" type="checkbox" value="yes" required="required"/><span>Yes, stop this key</span></label></p>
<p class="actions"><button type="submit" class="danger">Revoke key</button><xsl:text> </xsl:text><a class="button quiet" href="/settings/security#api-keys-heading">Keep it</a></p>
</form>
</xsl:template>
</xsl:stylesheet>
