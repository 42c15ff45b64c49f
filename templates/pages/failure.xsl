<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:template match="page" mode="title"><xsl:value-of select="failure/error/@heading"/> – Strongroom</xsl:template>

<xsl:template match="page" mode="content"><xsl:apply-templates select="failure/error"/></xsl:template>

<xsl:template match="error">
<div class="narrow" role="alert">
<h1><xsl:value-of select="@heading"/></h1>
<p class="lead" id="error-detail"><xsl:value-of select="@detail"/></p>
<h2>What to do</h2>
<p id="error-recovery"><xsl:value-of select="@remedy"/></p>
<p class="fine">HTTP status <xsl:value-of select="@status"/>, error type <a href="/errors/{@type}"><code id="error-type"><xsl:value-of select="@type"/></code></a></p>
</div>
<p class="narrow"><xsl:apply-templates select="." mode="way-out"/></p>
</xsl:template>

<xsl:template match="error" mode="way-out"><a class="button" href="/">Front page</a></xsl:template>
<xsl:template match="error[@type='session_required' or @type='session_expired' or @type='sign_in_step_expired']" mode="way-out"><a class="button" href="/login">Sign in</a></xsl:template>
<xsl:template match="error[@type='second_factor_required']" mode="way-out"><a class="button" id="failure-second-factor" href="/settings/account">Set up the second factor</a></xsl:template>
</xsl:stylesheet>
